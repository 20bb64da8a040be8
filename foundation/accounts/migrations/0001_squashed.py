import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import foundation.accounts.fields
import foundation.clock.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('accounts', '0001_initial'), ('accounts', '0002_confirmed_phones'), ('accounts', '0003_unit_liaison'), ('accounts', '0004_deputies_and_no_superuser'), ('accounts', '0005_experts_role'), ('accounts', '0006_service_specialists')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='District',
            fields=[
                ('code', models.CharField(max_length=6, primary_key=True, serialize=False, verbose_name='行政区划代码')),
                ('name', models.CharField(max_length=20, unique=True, verbose_name='名称')),
                ('pinyin', models.CharField(max_length=40, verbose_name='排序拼音')),
            ],
            options={
                'verbose_name': '区',
                'verbose_name_plural': '区',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('full_name', models.CharField(blank=True, max_length=60, verbose_name='姓名')),
                ('phone', foundation.accounts.fields.EncryptedTextField(blank=True, default='', verbose_name='手机号')),
                ('phone_fingerprint', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('phone_confirmed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='手机号确认时间')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': '用户',
                'verbose_name_plural': '用户',
                'ordering': ['username'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('phone_confirmed_at__isnull', True), models.Q(models.Q(('phone', ''), _negated=True), models.Q(('phone_fingerprint', ''), _negated=True)), _connector='OR'), name='user_phone_confirmed_whole'), models.CheckConstraint(condition=models.Q(('is_superuser', False)), name='user_never_superuser')],
            },
        ),
        migrations.CreateModel(
            name='Office',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=30, unique=True, verbose_name='代码')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='名称')),
                ('short_name', models.CharField(max_length=30, verbose_name='简称')),
                ('kind', models.CharField(choices=[('district', '区级主管部门'), ('municipal', '市级部门'), ('finance', '资金拨付部门')], max_length=12, verbose_name='类别')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='咨询电话')),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='offices', to='accounts.district', verbose_name='所属区')),
            ],
            options={
                'verbose_name': '机构',
                'verbose_name_plural': '机构',
                'ordering': ['kind', 'code'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('district__isnull', False), ('kind', 'district')), models.Q(models.Q(('kind', 'district'), _negated=True), ('district__isnull', True)), _connector='OR'), name='office_district_by_kind', violation_error_message='区级主管部门必须选择所属区，其他机构不得选择'), models.UniqueConstraint(condition=models.Q(('kind', 'district')), fields=('district',), name='office_one_per_district', violation_error_message='该区已有主管部门')],
            },
        ),
        migrations.CreateModel(
            name='PhoneCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', foundation.accounts.fields.EncryptedTextField(verbose_name='手机号')),
                ('fingerprint', models.CharField(editable=False, max_length=64)),
                ('digest', models.CharField(editable=False, max_length=64)),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='尝试次数')),
                ('sent_at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='发送时间')),
                ('used_at', models.DateTimeField(blank=True, null=True, verbose_name='使用时间')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '手机验证码',
                'verbose_name_plural': '手机验证码',
                'indexes': [models.Index(fields=['user', '-sent_at'], name='phonecode_of_user'), models.Index(fields=['fingerprint', '-sent_at'], name='phonecode_of_phone')],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('district_officer', '区级审核员'), ('district_head', '区级负责人'), ('municipal_officer', '市级审核员'), ('municipal_head', '市级负责人'), ('finance_maker', '拨付经办'), ('finance_checker', '拨付复核'), ('policy_administrator', '政策管理员'), ('auditor', '审计员'), ('system_administrator', '系统管理员'), ('security_administrator', '安全管理员'), ('consulted_unit', '征求意见单位经办'), ('unit_liaison', '责任单位联络员'), ('expert', '专家'), ('service_specialist', '服务专员')], max_length=30, verbose_name='角色')),
                ('since', models.DateField(default=foundation.clock.clock.today, verbose_name='任职起')),
                ('until', models.DateField(blank=True, null=True, verbose_name='任职止')),
                ('given_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='授予人')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='accounts.office', verbose_name='机构')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '任职',
                'verbose_name_plural': '任职',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('user', 'office', 'role'), name='post_once', violation_error_message='此人在该机构已有同一角色'), models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gte', models.F('since')), _connector='OR'), name='post_term_in_order', violation_error_message='任职止不得早于任职起'), models.CheckConstraint(condition=models.Q(('given_by__isnull', True), models.Q(('given_by', models.F('user')), _negated=True), _connector='OR'), name='post_given_by_another', violation_error_message='不能给自己授予任职')],
            },
        ),
        migrations.CreateModel(
            name='Deputyship',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField(verbose_name='代理起')),
                ('until', models.DateField(verbose_name='代理止')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('named_at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='指定时间')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='提前结束')),
                ('deputy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deputyships', to=settings.AUTH_USER_MODEL, verbose_name='代理人')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='被代理人')),
                ('named_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='指定人')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deputyships', to='accounts.post', verbose_name='任职')),
            ],
            options={
                'verbose_name': '代理',
                'verbose_name_plural': '代理',
                'ordering': ['-since', '-pk'],
                'indexes': [models.Index(fields=['deputy', 'until'], name='deputyship_of_deputy')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gte', models.F('since'))), name='deputyship_term_in_order'), models.CheckConstraint(condition=models.Q(('deputy', models.F('holder')), _negated=True), name='deputyship_of_another'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='deputyship_with_reason'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='deputyship_ended_whole')],
            },
        ),
    ]
